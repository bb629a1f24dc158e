import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { runConvert } from '../../../pipelines/convert.js';
import type { Options } from '../../../pipelines/options.js';
import { checkItems } from '../../../src/datasets/check.js';
import { readItems } from '../../../src/datasets/format-open.js';
import { writeMat } from '../../support/mat-writer.js';
import { temporaryFolder } from '../../support/tables.js';

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);

async function picture(file: string, width = 40, height = 30): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  await sharp({ create: { width, height, channels: 3, background: 'gray' } }).toFile(file);
}

function text(file: string, ...lines: string[]): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
}

/** The table that a converter writes, which has nothing against the rules, line by line; what it left out; and OML's own remarks on it. */
async function converted(
  set: string,
  options: Options = {},
  root = at(set),
): Promise<{ lines: string[]; remarks: readonly string[]; warnings: string[] }> {
  const out = at(`${set}.csv`);
  const { remarks, items } = await runConvert({ inputs: [set, root], out, ...options });
  const { violations, warnings, counts } = await checkItems(await readItems(out), { root });
  expect(violations).toEqual([]);
  expect(counts.items).toBe(items);
  return { lines: readFileSync(out, 'utf8').trim().split('\n'), remarks, warnings: warnings.map(({ rule }) => rule) };
}

const numbers = (n: number) => ({ kind: 'numbers', values: [n] }) as const;
const car = (path: Record<string, string>, [x1, y1, x2, y2]: number[], label: number, rest: Record<string, number> = {}) => ({
  ...Object.fromEntries(Object.entries(path).map(([name, value]) => [name, { kind: 'text', text: value } as const])),
  ...Object.fromEntries(
    Object.entries({ bbox_x1: x1, bbox_y1: y1, bbox_x2: x2, bbox_y2: y2, class: label, ...rest }).map(([k, v]) => [k, numbers(v)]),
  ),
});

beforeAll(async () => {
  // Stanford Online Products
  text(at('sop/Ebay_train.txt'), 'image_id class_id super_class_id path', '1 1 1 bicycle_final/1_0.JPG', '2 1 1 bicycle_final/1_1.JPG');
  text(at('sop/Ebay_test.txt'), 'image_id class_id super_class_id path', '3 11319 2 sofa_final/2_0.JPG', '4 11319 2 sofa_final/2_1.JPG');
  for (const name of ['bicycle_final/1_0.JPG', 'bicycle_final/1_1.JPG', 'sofa_final/2_0.JPG', 'sofa_final/2_1.JPG'])
    await picture(at('sop', name));
  // CUB: the box of the third picture reaches beyond it, that of the fourth lies outside.
  const birds = ['001.A/a.jpg', '100.B/b.jpg', '101.C/c.jpg', '200.D/d.jpg'];
  text(at('cub/images.txt'), ...birds.map((name, i) => `${i + 1} ${name}`));
  text(at('cub/image_class_labels.txt'), '1 1', '2 100', '3 101', '4 200');
  text(at('cub/bounding_boxes.txt'), '1 1.0 2.0 10.0 12.0', '2 0.5 0.0 39.7 30.0', '3 10.0 5.0 31.0 26.0', '4 50.0 5.0 3.0 3.0');
  text(at('cub/train_test_split.txt'), '1 0', '2 1', '3 1', '4 0');
  for (const name of birds) await picture(at('cub/images', name));
  // Cars in both layouts
  const cars = [
    car({ relative_im_path: 'car_ims/000001.jpg' }, [1, 2, 30, 20], 1, { test: 0 }),
    car({ relative_im_path: 'car_ims/000002.jpg' }, [3, 2, 41, 20], 98, { test: 1 }),
    car({ relative_im_path: 'car_ims/000003.jpg' }, [5, 6, 7, 8], 99, { test: 1 }),
    car({ relative_im_path: 'car_ims/000004.jpg' }, [5, 6, 7, 8], 196, { test: 0 }),
  ];
  mkdirSync(at('cars'));
  writeFileSync(at('cars/cars_annos.mat'), writeMat({ annotations: { kind: 'structs', structs: cars } }, { compressed: true }));
  for (const i of [1, 2, 3, 4]) await picture(at(`cars/car_ims/00000${i}.jpg`));
  mkdirSync(at('devkit/devkit'), { recursive: true });
  const structs = (...labels: number[]) => ({
    annotations: { kind: 'structs', structs: labels.map((label, i) => car({ fname: `0000${i + 1}.jpg` }, [1, 1, 9, 9], label)) } as const,
  });
  writeFileSync(at('devkit/devkit/cars_train_annos.mat'), writeMat(structs(1, 196), { little: false }));
  writeFileSync(at('devkit/cars_test_annos_withlabels.mat'), writeMat(structs(1, 196)));
  for (const name of ['cars_train/00001.jpg', 'cars_train/00002.jpg', 'cars_test/00001.jpg', 'cars_test/00002.jpg'])
    await picture(at('devkit', name));
  // In-Shop, as published; the high-resolution pictures are 512 x 256, so that those of the lists had margins of 64 above and below.
  const clothes: [string, string, string][] = [
    ['WOMEN/Dresses/id_00000001/02_1_front.jpg', 'id_00000001', 'train'],
    ['WOMEN/Dresses/id_00000001/02_2_side.jpg', 'id_00000001', 'train'],
    ['MEN/Denim/id_00000002/01_1_front.jpg', 'id_00000002', 'train'],
    ['MEN/Denim/id_00000003/01_1_front.jpg', 'id_00000003', 'query'],
    ['MEN/Denim/id_00000003/01_2_side.jpg', 'id_00000003', 'gallery'],
  ];
  text(
    at('inshop/Eval/list_eval_partition.txt'),
    '5',
    'image_name item_id evaluation_status',
    ...clothes.map(([name, id, status]) => `img/${name}     ${id}   ${status}`),
  );
  text(
    at('inshop/Anno/list_bbox_inshop.txt'),
    '5',
    'image_name clothes_type pose_type x_1 y_1 x_2 y_2',
    ...clothes.map(([name], i) => `img/${name}  1 2   ${10 + i} 70 100 180`),
  );
  for (const [name] of clothes) {
    await picture(at('inshop/Img/img_highres', name), 512, 256);
    await picture(at('lowres/img', name), 256, 256);
  }
  for (const list of ['list_eval_partition.txt', 'list_bbox_inshop.txt'])
    writeFileSync(at('lowres', list), readFileSync(at('inshop', list === 'list_bbox_inshop.txt' ? 'Anno' : 'Eval', list)));
  // A folder of folders
  for (const name of ['cat/1.png', 'cat/more/2.JPG', 'dog/1.png', '.hidden/1.png']) await picture(at('folder', name));
  text(at('folder/dog/notes.txt'), 'no picture');
  text(at('folder/loose.png'), 'in no folder');
});

describe('rankstream convert', () => {
  it('sop: the list of each split, the category from the path', async () => {
    expect(await converted('sop')).toEqual({
      lines: [
        'label,path,split,is_query,is_gallery,category',
        '1,bicycle_final/1_0.JPG,train,,,bicycle_final',
        '1,bicycle_final/1_1.JPG,train,,,bicycle_final',
        '11319,sofa_final/2_0.JPG,validation,True,True,sofa_final',
        '11319,sofa_final/2_1.JPG,validation,True,True,sofa_final',
      ],
      remarks: [],
      warnings: [],
    });
  });

  it('cub: classes 1 to 100 train; x, y, width, height become x_1, x_2, y_1, y_2, cut to the picture', async () => {
    const { lines, remarks } = await converted('cub');
    expect(lines).toEqual([
      'label,path,split,is_query,is_gallery,x_1,x_2,y_1,y_2',
      '1,images/001.A/a.jpg,train,,,1,11,2,14',
      '100,images/100.B/b.jpg,train,,,0,40,0,30',
      '101,images/101.C/c.jpg,validation,True,True,10,40,5,30',
      '200,images/200.D/d.jpg,validation,True,True,,,,',
    ]);
    expect(remarks).toEqual(['boxes without a pixel of their pictures, left out: 1']);
    expect((await converted('cub', { bboxes: false, officialSplit: true })).lines).toEqual([
      'label,path,split,is_query,is_gallery',
      '1,images/001.A/a.jpg,validation,True,True',
      '100,images/100.B/b.jpg,train,,',
      '101,images/101.C/c.jpg,train,,',
      '200,images/200.D/d.jpg,validation,True,True',
    ]);
  });

  it('cars: classes 1 to 98 train, from one file of annotations or from the development kit', async () => {
    expect((await converted('cars')).lines).toEqual([
      'label,path,split,is_query,is_gallery,x_1,x_2,y_1,y_2',
      '1,car_ims/000001.jpg,train,,,1,30,2,20',
      '98,car_ims/000002.jpg,train,,,3,40,2,20',
      '99,car_ims/000003.jpg,validation,True,True,5,7,6,8',
      '196,car_ims/000004.jpg,validation,True,True,5,7,6,8',
    ]);
    const splits = ({ lines }: { lines: string[] }) => lines.slice(1).map((line) => line.split(',').slice(0, 3).join(' '));
    expect(splits(await converted('cars', { officialSplit: true }))).toEqual([
      '1 car_ims/000001.jpg train',
      '98 car_ims/000002.jpg validation',
      '99 car_ims/000003.jpg validation',
      '196 car_ims/000004.jpg train',
    ]);
    expect(splits(await converted('cars', {}, at('devkit')))).toEqual([
      '1 cars_train/00001.jpg train',
      '196 cars_train/00002.jpg validation',
      '1 cars_test/00001.jpg train',
      '196 cars_test/00002.jpg validation',
    ]);
    expect(splits(await converted('cars', { officialSplit: true }, at('devkit')))).toEqual([
      '1 cars_train/00001.jpg train',
      '196 cars_train/00002.jpg train',
      '1 cars_test/00001.jpg validation',
      '196 cars_test/00002.jpg validation',
    ]);
  });

  it('inshop: labels of train with one picture are left out, boxes are put where they lie in large pictures', async () => {
    const { lines, remarks } = await converted('inshop');
    expect(lines).toEqual([
      'label,path,split,is_query,is_gallery,category,x_1,x_2,y_1,y_2',
      '1,Img/img_highres/WOMEN/Dresses/id_00000001/02_1_front.jpg,train,,,Dresses,20,200,12,232',
      '1,Img/img_highres/WOMEN/Dresses/id_00000001/02_2_side.jpg,train,,,Dresses,22,200,12,232',
      '3,Img/img_highres/MEN/Denim/id_00000003/01_1_front.jpg,validation,True,False,Denim,26,200,12,232',
      '3,Img/img_highres/MEN/Denim/id_00000003/01_2_side.jpg,validation,False,True,Denim,28,200,12,232',
    ]);
    expect(remarks).toEqual(['labels of train with a single picture, left out: 1']);
    expect((await converted('inshop', {}, at('lowres'))).lines[1]).toBe(
      '1,img/WOMEN/Dresses/id_00000001/02_1_front.jpg,train,,,Dresses,10,100,70,180',
    );
    expect((await converted('inshop', { bboxes: false })).lines[0]).toBe('label,path,split,is_query,is_gallery,category');
  });

  it('folder: a folder for each label, and what belongs to none is told', async () => {
    expect(await converted('folder')).toEqual({
      lines: [
        'label,path,split,is_query,is_gallery',
        'cat,cat/1.png,validation,True,True',
        'cat,cat/more/2.JPG,validation,True,True',
        'dog,dog/1.png,validation,True,True',
      ],
      remarks: ['files in no folder of a label, left out: 1', 'files that are no pictures, sounds or arrays, left out: 1'],
      warnings: ['text-labels'],
    });
  });

  it('refuses what is not as published, in one line', async () => {
    const refused = (...inputs: string[]) => runConvert({ inputs, out: at('never.csv') });
    await expect(refused('sopp', at('sop'))).rejects.toThrow(
      'unknown data set "sopp" (there are: sop, cub, cars, inshop, folder); did you mean "sop"?',
    );
    await expect(refused('sop')).rejects.toThrow('give the data set and its folder');
    await expect(runConvert({ inputs: ['sop', at('sop')], out: 'x.parquet' })).rejects.toThrow('--out FILE.csv');
    await expect(refused('sop', at('cub'))).rejects.toThrow(`${at('cub')}: there is no Ebay_train.txt; give the folder of the data set`);
    await expect(refused('cars', at('sop'))).rejects.toThrow('there is no cars_annos.mat (nor devkit/cars_train_annos.mat)');
    await expect(refused('folder', at('nowhere'))).rejects.toThrow('nowhere: cannot be read as a folder (ENOENT)');
    await expect(refused('folder', at('folder/dog'))).rejects.toThrow('no folder in it holds a picture, a sound or an array');
    text(at('broken/Ebay_train.txt'), 'image_id class_id super_class_id path', '1 one 1 a.JPG');
    text(at('broken/Ebay_test.txt'), 'image_id class_id super_class_id path', '1 1 a.JPG');
    await expect(refused('sop', at('broken'))).rejects.toThrow('Ebay_train.txt, line 2: "one" is no number');
    text(at('broken/Ebay_train.txt'), 'image_id class_id super_class_id path');
    await expect(refused('sop', at('broken'))).rejects.toThrow('Ebay_test.txt, line 2: 3 values, not 4');
    text(at('birds/images.txt'), '1 a.jpg', '2 b.jpg');
    text(at('birds/image_class_labels.txt'), '1 1');
    text(at('birds/bounding_boxes.txt'), '1 1.0 2.0 3.0 4.0', '2 1.0 2.0 3.0 4.0');
    await expect(refused('cub', at('birds'))).rejects.toThrow('images.txt, line 2: "2" does not stand in the list beside it');
    text(at('birds/image_class_labels.txt'), '1 1', '2 1');
    await expect(refused('cub', at('birds'))).rejects.toThrow('--no-bboxes leaves boxes out');
    rmSync(at('broken'), { recursive: true });
    mkdirSync(at('broken'));
    writeFileSync(at('broken/cars_annos.mat'), writeMat({ annotations: numbers(1) }));
    await expect(refused('cars', at('broken'))).rejects.toThrow('cars_annos.mat: there is no structure "annotations"');
    const { test: _, ...noTest } = car({ relative_im_path: 'a.jpg' }, [1, 2, 3, 4], 5, { test: 0 });
    writeFileSync(at('broken/cars_annos.mat'), writeMat({ annotations: { kind: 'structs', structs: [noTest] } }));
    await expect(runConvert({ inputs: ['cars', at('broken')], out: at('never.csv'), officialSplit: true })).rejects.toThrow(
      'cars_annos.mat, annotation 0: there is no number "test"',
    );
  });
});
